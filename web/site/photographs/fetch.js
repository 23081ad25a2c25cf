// The files that come with this room.
import { texts } from './texts.js';

/** The server's answer for a file. */
export async function fetchFile(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(texts.missing(name, response.status));
  return response;
}

/** Fetches a file, telling onBytes how many have come. */
export async function fetchInParts(name, onBytes) {
  const response = await fetchFile(name);
  const parts = [];
  let size = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    onBytes(size += value.length);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
