/** Help by command. */
export const COMMAND_HELP: Readonly<Record<string, string>> = {
  classify: `  classify [MODEL] IMAGE…   tell what is in pictures
      --top N             show the N most probable classes (default 5)
      --labels FILE       class names: a JSON array, or one name per line (default: ImageNet-1k)
      --mean R,G,B  --std R,G,B   normalisation that the model does not contain (default: pixels / 255)
      --json              print one JSON array instead of text: { image, classes, milliseconds } for each picture,
                          classes being { label, index, score }, most probable first`,
  segment: `  segment MODEL IMAGE…    tell which share of the pixels belongs to what
      --labels FILE       class names (default: the 21 of PASCAL VOC)
      --resize            at the size of the picture instead of the model's
      --output DIR        write DIR/IMAGE.mask.png: the value of a pixel is its class, the palette shows it
      --legend            write DIR/legend.txt, too: number, colour and name of each class
      --force             replace files that are there
      --mean, --std, --json`,
  embed: `  embed [MODEL] IMAGE…    turn pictures into vectors; prints the cosine of each pair
      --mean, --std, --json`,
  inspect: `  inspect MODEL           show methods, inputs, outputs, operators, delegated nodes, sizes
      --method NAME       method to load (default: forward, or the only one)
      --dump              print the whole graph as text
      --json              print JSON`,
  run: `  run MODEL               run a model on raw tensors
      --input WHAT        once per input: a file of raw little-endian elements, or zeros, ones;
                          with :N,M,… behind it for the shape, where the model's is not fixed
      --method NAME       method to run
      --output DIR        write each output to DIR/output-N.bin
      --force             replace files that are there
      --max-output MIB    most that all outputs may take together (default 256)
      --profile           print time per operator
      --json              print shapes and values as JSON`,
  benchmark: `  benchmark MODEL         measure loading, the first run, steady runs, memory, and time per operator
      --runs N            steady runs (default 50)
      --warm-up N         runs before them (default 5)
      --threads N  --variant simd|relaxed|simd-threads|relaxed-threads
      --method NAME  --json`,
  evaluate: `  evaluate MODEL FOLDER   top-1 and top-5 of a classifier on FOLDER/LABEL/PICTURE
      --labels, --mean, --std, --json`,
  'copy-assets': `  copy-assets DIR         copy worker.js and wasm/ to a folder of a web server
      --models            and models/: the photo model EFFICIENTNET_LITE0_QUANTIZED, 5 MB
      --force             replace files that somebody has changed`,
  'export-script': `  export-script DIR       copy the Python script that makes a .pte of a PyTorch model
      --force             replace files that are there`,
};

const USAGE = 'Usage: executorch-web COMMAND …';

const ARGUMENTS = `MODEL is a path, an address, the name of a model constant such as EFFICIENTNET_V2_S, or - for stdin.
Without MODEL, classify and embed take EFFICIENTNET_LITE0_QUANTIZED (ImageNet's 1000 classes), which is part of this package.
--data FILE names the data file (.ptd) of a MODEL whose weights lie beside it; it goes with every command on a MODEL.
IMAGE is a path, an address, a data: address, or - for stdin.

Exit codes: 0 success; 1 a model, picture or file failed; 2 wrong usage.`;

/** All commands. */
export const HELP = `${USAGE}

${Object.values(COMMAND_HELP).join('\n\n').replace('\n\n  export-script', '\n  export-script')}

${ARGUMENTS}`;

/** One command. */
export function helpOf(command: string): string {
  return `${USAGE}\n\n${COMMAND_HELP[command]}\n\n${ARGUMENTS}`;
}

/** Three lines below the error of a wrong call. */
export function shortHelp(command: string | undefined): string {
  const known = Object.keys(COMMAND_HELP).find((name) => name === command);
  const line =
    known &&
    COMMAND_HELP[known]!.split('\n')[0]!
      .trim()
      .replace(/ {2,}.*/, '');
  return [
    line ? `Usage: executorch-web COMMAND, here: executorch-web ${line}` : USAGE,
    `Options: executorch-web ${known ?? 'COMMAND'} --help`,
    'All commands: executorch-web --help',
  ].join('\n');
}
