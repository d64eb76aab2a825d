// Generated from geometry.idl. Do not edit: change the definition and run "bulkhead idl gen".
import type { Reader, Writer } from "../../base/message.js";

/**
 * Points, areas and rectangles of the screen, shared by the sessions that show something. Pixels; x grows to the right,
 * y downwards.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export function writePoint(writer: Writer, value: Point): void {
  writer.i32(value.x);
  writer.i32(value.y);
}

export function readPoint(reader: Reader): Point {
  return { x: reader.i32(), y: reader.i32() };
}

export interface Area {
  readonly width: number;
  readonly height: number;
}

export function writeArea(writer: Writer, value: Area): void {
  writer.u32(value.width);
  writer.u32(value.height);
}

export function readArea(reader: Reader): Area {
  return { width: reader.u32(), height: reader.u32() };
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function writeRect(writer: Writer, value: Rect): void {
  writer.i32(value.x);
  writer.i32(value.y);
  writer.u32(value.width);
  writer.u32(value.height);
}

export function readRect(reader: Reader): Rect {
  return { x: reader.i32(), y: reader.i32(), width: reader.u32(), height: reader.u32() };
}
