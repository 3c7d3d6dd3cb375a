require('../launch.js').start('hold-back-dependants');
