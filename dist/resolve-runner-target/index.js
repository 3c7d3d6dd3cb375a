require('../launch.js').start('resolve-runner-target');
