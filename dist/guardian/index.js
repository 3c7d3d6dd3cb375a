require('../launch.js').guard();
