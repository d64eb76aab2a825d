// Reading arguments of functions that JavaScript calls. bindings/ is typed, so what is checked here
// is only what would otherwise let a wrong call reach memory that is not its own.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>

namespace bulkhead {

// The elements of a typed array of exactly that kind; empty for anything else.
inline std::span<uint32_t> words(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array)
    return {};
  auto array = value.As<Napi::Uint32Array>();
  return {array.Data(), array.ElementLength()};
}

inline std::span<int32_t> integers(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array)
    return {};
  auto array = value.As<Napi::Int32Array>();
  return {array.Data(), array.ElementLength()};
}

inline std::span<uint8_t> bytes(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    return {};
  auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ElementLength()};
}

// 0 for what is no number.
inline uint32_t unsigned_number(const Napi::Value& value) {
  return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0;
}

// -1, which is no descriptor, for what is no number.
inline int descriptor_number(const Napi::Value& value) {
  return value.IsNumber() ? value.As<Napi::Number>().Int32Value() : -1;
}

// A byte count or offset: numbers up to 2^53 - 1; 0 for anything else.
inline uint64_t byte_count(const Napi::Value& value) {
  if (!value.IsNumber()) return 0;
  const double number = value.As<Napi::Number>().DoubleValue();
  return number >= 0 && number <= 9007199254740991.0 ? static_cast<uint64_t>(number) : 0;
}

inline bool flag(const Napi::Value& value) {
  return value.IsBoolean() && value.As<Napi::Boolean>().Value();
}

}  // namespace bulkhead
