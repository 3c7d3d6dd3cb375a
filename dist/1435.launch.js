"use strict";exports.id=1435,exports.ids=[1435],exports.modules={21435:(e,s,t)=>{t.d(s,{s:()=>d});var i=t(23080),r=t(21021);function d(e){if(void 0===e.find(e=>!/^[A-Za-z_][A-Za-z0-9_]*=/.test(e)))return(0,i.dC)(e.join(`
`),"What --env gives");throw new r.eb("--env takes NAME=value, where NAME is made of letters, digits and underscores.")}}};
