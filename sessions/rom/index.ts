export { ROM, type ROMArgs } from "./rom.generated.js";
export { Rom, RomConnection, type RomOptions } from "./rom-connection.js";
export { type FindDocument, RomSession, romService } from "./rom-server.js";
