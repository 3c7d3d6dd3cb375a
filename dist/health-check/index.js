require('../launch.js').start('health-check');
