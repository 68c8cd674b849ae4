/** Keeps a pod running in which client scripts are run. As the first process of a container, it has to handle SIGTERM. */
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 2 ** 30);
console.log("Ready to run scripts");
