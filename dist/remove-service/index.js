const early = { came: [], note: (signal) => early.came.push(signal) };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, early.note);
require('../launch.js').start('remove-service', 'main', early);
