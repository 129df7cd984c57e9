export const HELP = `Usage: executorch-web COMMAND …

  classify MODEL IMAGE…   tell what is in pictures
      --top N             show the N most probable classes (default 5)
      --labels FILE       class names: a JSON array, or one name per line (default: ImageNet-1k)
      --mean R,G,B  --std R,G,B   normalisation that the model does not contain (default: pixels / 255)
      --json              print one JSON array instead of text

  segment MODEL IMAGE…    tell which share of the pixels belongs to what
      --labels FILE       class names (default: the 21 of PASCAL VOC)
      --resize            at the size of the picture instead of the model's
      --output DIR        write DIR/IMAGE.mask.png: grey, the value of a pixel is its class
      --mean, --std, --json

  embed MODEL IMAGE…      turn pictures into vectors; prints the cosine of each pair
      --mean, --std, --json

  inspect MODEL           show methods, inputs, outputs, operators, delegated nodes, sizes
      --method NAME       method to load (default: forward, or the only one)
      --dump              print the whole graph as text
      --json              print JSON

  run MODEL               run a model on raw tensors
      --input WHAT        once per input: a file of raw little-endian elements, or zeros, ones;
                          with :N,M,… behind it for the shape, where the model's is dynamic
      --method NAME       method to run
      --output DIR        write each output to DIR/output-N.bin
      --profile           print time per operator
      --json              print shapes and values as JSON

  benchmark MODEL         measure loading, the first run, steady runs, memory, and time per operator
      --runs N            steady runs (default 50)
      --warm-up N         runs before them (default 5)
      --threads N  --variant simd|relaxed|simd-threads|relaxed-threads
      --method NAME  --json

  evaluate MODEL FOLDER   top-1 and top-5 of a classifier on FOLDER/LABEL/PICTURE
      --labels, --mean, --std, --json

  copy-assets DIR         copy worker.js and wasm/ to a folder of a web server
  export-script DIR       copy the Python script that makes a .pte of a PyTorch model

MODEL is a path, an address, or the name of a model constant such as EFFICIENTNET_V2_S.
IMAGE is a path, an address, or a data: address.

Exit codes: 0 success; 1 a model, picture or file failed; 2 wrong usage.`;
