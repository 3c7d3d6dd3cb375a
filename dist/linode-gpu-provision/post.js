require('../launch.js').start('linode-gpu-provision', 'post');
