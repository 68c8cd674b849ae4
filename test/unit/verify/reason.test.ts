import { expect, test } from "vitest";
import { reasonOf } from "../../../verify/run/reason.ts";

const error = new DOMException("The operation was aborted", "AbortError");
const running = new AbortController().signal;
const interruption = new Error("run: must end by itself, got SIGINT.");

test("a signal of the caller is the reason, not the error of the work that it interrupted", () => {
  expect(reasonOf(error, running, 1_000, AbortSignal.abort(interruption))).toBe(interruption);
});

test("a time limit that is over is the reason", () => {
  const { message } = reasonOf(error, AbortSignal.abort(), 300_000, AbortSignal.abort(interruption));
  expect(message).toBe("run: must end within 300 s, got no end.");
});

test("another error is the reason itself", () => {
  expect(reasonOf(error, running, 1_000, running)).toBe(error);
  expect(reasonOf(error, running, 1_000, undefined)).toBe(error);
});
