require('../launch.js').start('rollback', 'post');
