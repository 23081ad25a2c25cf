// The worker of the digits' room: trains and measures, or attacks. Training leaves a processor to the
// page, which is drawn meanwhile. Attacks ask one image at a time, for which threads are no help.
'use strict';

importScripts('texts.js', 'worker.js');
runModule('lab', self.name === 'laboratory' ? navigator.hardwareConcurrency - 1 : 1);
