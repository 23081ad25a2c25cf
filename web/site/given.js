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
  if (!(data?.byteLength > 0)) return new Uint8Array();
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);  // not by its class, of which a script in another frame has its own
}
