/**
 * The first argument of segmentation: maps at the model's size, or at the picture's. The core knows these two; for the third
 * it is asked twice.
 */
export const MAP_SIZES = { model: 0, picture: 1, classMapAlone: 2 } as const;
