require('../launch.js').start('compose-deploy');
