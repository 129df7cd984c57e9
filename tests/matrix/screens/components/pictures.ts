// What a person would pick from the library of pictures.
export const ESPRESSO = '/pictures/espresso.jpg';
export const COLOURS = '/pictures/colours.png';
export const BOAT = '/pictures/boat.jpg';

export const SENTENCES = ['a photo of a tree', 'a photo of a boat', 'a photo of a cup'];

/** Percent of all that `count` is. */
export const share = (count: number, all: number) => `${Math.round((100 * count) / all)} %`;

/** The sentence whose vector points where the picture's does. */
export function nearest(image: Float32Array, texts: Float32Array[]): string {
  const scores = texts.map((text) => text.reduce((sum, v, i) => sum + v * (image[i] ?? 0), 0));
  return SENTENCES[scores.indexOf(Math.max(...scores))] ?? 'nothing';
}
