/** What browsers call the keys (`KeyboardEvent.code`), by the numbers that Linux gives them. */

/** Keys with numbers that follow each other, from the first on. */
const runs: readonly (readonly [first: number, codes: string])[] = [
  [1, "Escape Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal Backspace Tab"],
  [16, "KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Enter ControlLeft"],
  [30, "KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote Backquote ShiftLeft Backslash"],
  [44, "KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash ShiftRight NumpadMultiply AltLeft Space CapsLock"],
  [59, "F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 NumLock ScrollLock Numpad7 Numpad8 Numpad9 NumpadSubtract"],
  [75, "Numpad4 Numpad5 Numpad6 NumpadAdd Numpad1 Numpad2 Numpad3 Numpad0 NumpadDecimal"],
  [86, "IntlBackslash F11 F12 IntlRo"],
  [96, "NumpadEnter ControlRight NumpadDivide PrintScreen AltRight"],
  [102, "Home ArrowUp PageUp ArrowLeft ArrowRight End ArrowDown PageDown Insert Delete"],
  [113, "AudioVolumeMute AudioVolumeDown AudioVolumeUp Power NumpadEqual"],
  [119, "Pause"],
  [121, "NumpadComma"],
  [124, "IntlYen MetaLeft MetaRight ContextMenu"],
  [163, "MediaTrackNext MediaPlayPause MediaTrackPrevious MediaStop"],
  [183, "F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24"],
];

export const keyCodes: ReadonlyMap<string, number> = new Map(
  runs.flatMap(([first, codes]) => codes.split(" ").map((code, place): [string, number] => [code, first + place])),
);

/** Buttons of a mouse, by the numbers of `PointerEvent.button`: left, middle, right, back, forward. */
export const buttonCodes = [0x110, 0x112, 0x111, 0x113, 0x114] as const;
