/**
 * Writes ONNX models by hand: the few protobuf fields that a graph of standard operators needs.
 * Fields as in onnx.proto (IR version 8, opset 17). Knows bytes and names, nothing of meaning.
 */

export type OnnxTensor = { name: string; shape: number[]; values: Float32Array };
export type OnnxNode = { operator: string; inputs: string[]; outputs: string[] };
export type OnnxPort = { name: string; shape: (number | string)[] };
export type OnnxGraph = {
  name: string;
  inputs: OnnxPort[];
  outputs: OnnxPort[];
  weights: OnnxTensor[];
  nodes: OnnxNode[];
};

const float32 = 1;
const irVersion = 8;
const opset = 17;
const utf8 = new TextEncoder();

/** @returns the bytes of an .onnx file. All tensors are float32; strings in shapes are free axes. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const body = [
    ...graph.nodes.map((node) => message(1, nodeOf(node))),
    text(2, graph.name),
    ...graph.weights.map((tensor) => message(5, tensorOf(tensor))),
    ...graph.inputs.map((port) => message(11, portOf(port))),
    ...graph.outputs.map((port) => message(12, portOf(port))),
  ];
  const operators = message(8, [text(1, ''), number(2, opset)]);
  return joined([number(1, irVersion), text(2, 'tresen'), message(7, body), operators]);
}

function nodeOf(node: OnnxNode): Uint8Array[] {
  return [
    ...node.inputs.map((name) => text(1, name)),
    ...node.outputs.map((name) => text(2, name)),
    text(4, node.operator),
  ];
}

function tensorOf({ name, shape, values }: OnnxTensor): Uint8Array[] {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const dimensions = shape.map((length) => number(1, length));
  return [...dimensions, number(2, float32), text(8, name), message(9, [raw])];
}

function portOf({ name, shape }: OnnxPort): Uint8Array[] {
  const axes = shape.map((axis) =>
    message(1, [typeof axis === 'number' ? number(1, axis) : text(2, axis)]),
  );
  const tensor = message(1, [number(1, float32), message(2, axes)]);
  return [text(1, name), message(2, [tensor])];
}

function number(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function text(field: number, value: string): Uint8Array {
  return message(field, [utf8.encode(value)]);
}

function message(field: number, parts: Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joined([Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]), ...parts]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
