// The worker of the digits' room: trains and measures, or attacks.
'use strict';

importScripts('lab_module.js', 'worker.js');
