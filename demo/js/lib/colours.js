/** Colours of classes: hues by the golden angle stay apart however many classes there are. */

const GOLDEN_ANGLE = 137.508;

/** [red, green, blue], 0..255, of a class; class 0 is the background and has none. */
export function classColour(index) {
  const hue = (index * GOLDEN_ANGLE + 190) % 360;
  const lightness = 0.5 + 0.09 * ((index % 3) - 1);
  return hslToRgb(hue, 0.78, lightness);
}

export const cssColour = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

function hslToRgb(hue, saturation, lightness) {
  const a = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
