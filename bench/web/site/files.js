// Files: scripts that set a global name, and readers of what all libraries are given.

export function loadScript(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${source} could not be loaded`));
    document.head.append(script);
  });
}

/** 28x28 images as floats in [0, 1] and their labels, from raw IDX files. */
export function readDigits(imageFile, labelFile) {
  const pixels = Float32Array.from(imageFile.subarray(16), (value) => value / 255);
  const labels = labelFile.slice(8);
  return {
    /** The `i`-th batch of `n` digits, from the first again when they end. */
    batch(i, n) {
      const first = (i % Math.floor(labels.length / n)) * n;
      return {
        images: pixels.slice(first * 784, (first + n) * 784),
        labels: labels.slice(first, first + n),
      };
    },
  };
}

function halfToFloat(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** A Map from names to {shape, values: Float32Array}, of tensors F32 or F16. */
export function readSafetensors(file) {
  const size = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + size)));
  delete header.__metadata__;
  return new Map(Object.entries(header).map(([name, { dtype, shape, data_offsets: [begin, end] }]) => {
    const data = file.slice(8 + size + begin, 8 + size + end).buffer;
    const values = dtype === 'F16' ? Float32Array.from(new Uint16Array(data), halfToFloat)
                                   : new Float32Array(data);
    return [name, { shape, values }];
  }));
}
