// The worker of the room of photographs: networks, and attacks on them.
'use strict';

importScripts('../worker.js');
runModule('photo', navigator.hardwareConcurrency);
