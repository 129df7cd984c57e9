// A picture's pixels, as apps get them from the drawing library that they use.
export async function pixelsAt(address: string) {
  const bitmap = await createImageBitmap(await (await fetch(address)).blob());
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return { data: new Uint8Array(data), width, height, format: 'rgba', layout: 'hwc' } as const;
}
