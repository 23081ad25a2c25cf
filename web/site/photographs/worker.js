// The worker of the room of photographs: networks, and attacks on them.
'use strict';

importScripts('photo_module.js', '../worker.js');
