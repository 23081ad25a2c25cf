// The worker of the room of photographs: networks, and attacks on them.
'use strict';

importScripts('../texts.js', '../worker.js');
runModule('photo', navigator.hardwareConcurrency);
