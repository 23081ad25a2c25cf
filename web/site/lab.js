// The worker of the digits' room: trains and measures, or attacks. Attacks ask one image at a time,
// for which threads are no help.
'use strict';

importScripts('worker.js');
runModule('lab', self.name === 'laboratory' ? 8 : 1);
