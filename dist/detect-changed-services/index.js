require('../launch.js').start('detect-changed-services');
