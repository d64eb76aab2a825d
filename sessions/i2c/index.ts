export { I2c as I2cInterface, type I2cArgs, type I2cHandlers, type I2cSegment } from "./i2c.generated.js";
export { I2c, type I2cConnection, type I2cOptions, type I2cPart, mostI2cBytes } from "./i2c-connection.js";
