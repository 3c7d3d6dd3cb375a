require('../launch.js').start('rollback');
