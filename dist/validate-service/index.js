require('../launch.js').start('validate-service');
