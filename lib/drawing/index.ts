/** What applications draw with: windows, shapes, text, pictures. */
export { keyCode, keyName } from "../input/key-codes.js";
export { Canvas, coverageColors } from "./canvas.js";
export { Font } from "./font.js";
export { FontFace } from "./font-face.js";
export { colors, fonts } from "./look.js";
export { type Coverage, Outline } from "./outline.js";
export { ScalablePicture } from "./scaling.js";
export { blankSurface, type Color, mix, type Surface, surfaceOf } from "./surface.js";
export { Window, type WindowContent, type WindowFrame, type WindowOptions } from "./window.js";
