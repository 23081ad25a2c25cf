// Files that a visitor brings to the digits' room, by dialogue, drop or paste, or a script gives:
// pictures, arrays of digits, weights; and networks, which the room of photographs reads.
'use strict';

/**
 * Follows the page's file dialogues, drops and pastes. `ask`, `tell` and `ready` are page.js's; nothing
 * larger than `mostBytes` is read; loadWeights(name, bytes) uses weights. Gives openPicture and
 * askNetworks.
 */
const followFiles = ({ ready, ask, tell, mostBytes, loadWeights: use }) => {
  const element = (id) => document.getElementById(id);
  const value = (promise) => promise.then((reply) => reply.value);

  async function loadWeights(file) {
    // Before it is read and copied: no weights are as large as this.
    if (file.size > mostBytes) throw new Error(texts.weightsTooLarge(file.name));
    use(file.name, new Uint8Array(await file.arrayBuffer()));
  }

  let lastOpened = 0;
  /**
   * Puts the digit of a picture on the pad, and gives {how, prediction}; of an array of digits, the one
   * of that index.
   */
  async function openPicture(given, index = 0, fileName = given?.name ?? texts.thePicture) {
    const isBytes = given instanceof ArrayBuffer || ArrayBuffer.isView(given);
    if (!isBytes && !(given instanceof Blob)) throw new Error(texts.notAPicture);
    const name = [...String(fileName).replace(/\p{C}/gu, '?')].slice(0, 80).join('');
    const number = ++lastOpened;
    const file = isBytes ? new Blob([given]) : given;
    const isArray = await holdsDigits(file, name);
    if (isArray && file.size > mostBytes) throw new Error(texts.arrayTooLarge(name));
    const { pixels, ...size } = isArray ? { pixels: new Uint8Array(await file.arrayBuffer()) }
      : await decodePicture(file, name);
    if (number !== lastOpened) throw new Error(texts.anotherOpened(name));
    return value(isArray ? ask('openDigits', { name, number: index }, pixels)
      : ask('openPicture', { name, ...size }, pixels));
  }

  /** Takes the pad's digit, if there is one, to networks of one's own: to those of the files, if any. */
  async function askNetworks(files = []) {
    const { pad, attack } = await value(ask('state'));
    const { body } = await ask('image');
    const room = await rooms.open('photographs');
    return pad.empty ? room.bring(files) : room.takeDigit(body, attack.settings.epsilon, files);
  }

  /** Opens what the visitor brings by dialogue, drop or paste; what goes wrong is shown. */
  function bring(given, open) {
    const files = [...given];  // of a drop there is nothing left afterwards
    // Where the page could not start, it has said why.
    ready.then(() => open(files).catch((error) => tell(error.message)), () => {});
  }
  const isNetwork = ({ name }) => /\.onnx$/i.test(name);
  const openWeights = (files) => files.some(isNetwork) ? askNetworks(files) : loadWeights(files[0]);
  for (const [id, open] of [['weights', openWeights], ['picture', ([file]) => openPicture(file)]]) {
    element(id).addEventListener('change', ({ target }) => {
      if (target.files.length > 0) bring(target.files, open);
      target.value = '';
    });
  }
  const openDropped = async (files) => {
    if (files.length === 0) throw new Error(texts.onlyFiles);
    const weights = files.some(isNetwork) || /\.safetensors$/i.test(files[0].name);
    return weights ? openWeights(files) : openPicture(files[0]);
  };
  const openPasted = async ([file]) => {
    if (!file) throw new Error(texts.nothingOnClipboard);
    return isNetwork(file) ? askNetworks([file]) : openPicture(file);
  };
  window.addEventListener('dragover', (event) => event.preventDefault());  // or nothing may be dropped
  window.addEventListener('drop', (event) => {
    event.preventDefault();  // or the browser would leave the page to show the file
    if (rooms.bring(event.dataTransfer.files)) return;
    bring(event.dataTransfer.files, openDropped);
  });
  window.addEventListener('paste', ({ clipboardData }) => {
    if (rooms.current !== 'digits' && clipboardData.files.length === 0) return;  // text, into a field
    if (!rooms.bring(clipboardData.files)) bring(clipboardData.files, openPasted);
  });
  return { openPicture, askNetworks };
};
