import type { DeeplabLabel } from '../../constants/index.js';
import type { SegmentationModel } from '../../constants/model-types.js';
import type { ImageSource } from '../../images/types.js';
import { ImageSegmentationModule as Segmenter } from '../../modules/ImageSegmentationModule.js';
import type { ImageForwardOptions } from '../../modules/picture-module.js';
import type { SegmentationResult } from '../../tasks/map-rules.js';
import { noDescription, withLegacyErrors } from './errors.js';
import { LegacyModule, type Translated } from './legacy-module.js';

/** ImageSegmentationModule of 0.7: keyed by DeeplabLabel, at the model's size by default; errors of 0.9. */
export class ImageSegmentationModule extends LegacyModule<
  SegmentationModel,
  SegmentationModel,
  Segmenter
> {
  constructor() {
    super(new Segmenter());
  }

  /** Width and height of the maps of the last forward(). Beyond 0.7. */
  get mapSize(): { width: number; height: number } | undefined {
    return this.ours.mapSize;
  }

  /**
   * @param classesOfInterest Classes whose planes are wanted. Default: none, the class of each pixel only.
   * @param resize True: maps have the picture's size. Default: the model's.
   * @param options Beyond 0.7.
   */
  forward(
    imageSource: ImageSource,
    classesOfInterest: readonly (DeeplabLabel | number | string)[] = [],
    resize = false,
    options?: ImageForwardOptions,
  ): Promise<SegmentationResult> {
    return withLegacyErrors(() =>
      this.ours.forward(imageSource, classesOfInterest, resize, options),
    );
  }

  protected translate(model: SegmentationModel): Translated<SegmentationModel> {
    if (model?.modelSource === undefined) throw noDescription();
    return [model];
  }
}
