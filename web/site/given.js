// What a script gives the page's functions: settings and bytes.
'use strict';

/** JSON.stringify would make nothing of what it cannot write: NaN and Infinity, functions, symbols. */
function jsonOf(argument) {
  return JSON.stringify(argument, (key, value) => {
    if (['function', 'symbol', 'bigint'].includes(typeof value)) throw new Error(texts.notGiven(typeof value));
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Error(texts.notFinite(key || texts.aNumber, value));
    }
    return value;
  });
}

/** The bytes of a buffer or a view of one; none of anything else, also of what was transferred away. */
function bytesOf(data) {
  const isView = ArrayBuffer.isView(data);
  const buffer = isView ? data.buffer : data;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength === 0) return new Uint8Array();
  return isView ? new Uint8Array(buffer, data.byteOffset, data.byteLength) : new Uint8Array(buffer);
}
