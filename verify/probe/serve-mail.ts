/** `serve-mail <port> …`: greets each connection before the client sends anything, as an SMTP server does. */
import { createServer, type Socket } from "node:net";
import { hostname } from "node:os";

function greet(socket: Socket): void {
  // A client that resets the connection ends it, and not the server.
  socket.on("error", () => socket.destroy());
  socket.write(`220 ${hostname()} ESMTP\r\n`);
  socket.resume();
}

for (const port of process.argv.slice(2)) createServer(greet).listen(Number(port));

process.on("SIGTERM", () => process.exit(0));
