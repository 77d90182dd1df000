importScripts("/assets/medaffairs/frontend/worker.js");
