// The JavaScript side of the mailbox: batches into columns.

#include <algorithm>
#include <cstring>

#include "binding/environment/native_environment.hpp"

namespace rtm::binding {

napi_value Port::drain() {
  if (batch_) {
    mailbox_->recycle(std::move(batch_));
  }
  batch_ = mailbox_->take(resumable_);
  for (const std::uint32_t handle : resumable_) {
    if (ServiceObject* object = services_.find(handle)) {
      object->throttle.goOn();
    }
  }
  resumable_.clear();
  if (!batch_) {
    return nullptr;
  }
  const Chunk& batch = *batch_;
  if (!growColumns(kHeaderWords + batch.words.size(), batch.numbers.size())) {
    return nullptr;
  }
  words_.data[0] = batch.events;
  words_.data[1] = static_cast<std::uint32_t>(batch.words.size());
  words_.data[2] = static_cast<std::uint32_t>(batch.bytes.size());
  words_.data[3] = static_cast<std::uint32_t>(batch.own.size());
  std::copy(batch.words.begin(), batch.words.end(), words_.data + kHeaderWords);
  std::copy(batch.numbers.begin(), batch.numbers.end(), numbers_.data);
  napi_value text = nullptr;
  if (batch.ascii) {
    napi_create_string_latin1(env_, batch.text.data(), batch.text.size(), &text);
  } else {
    napi_create_string_utf8(env_, batch.text.data(), batch.text.size(), &text);
  }
  return text;
}

namespace {

napi_value arrayBufferOf(napi_env env, const Bytes& bytes) {
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (napi_create_arraybuffer(env, bytes.size(), &data, &buffer) != napi_ok) {
    return nullptr;
  }
  if (!bytes.empty()) {
    std::memcpy(data, bytes.data(), bytes.size());
  }
  return buffer;
}

}  // namespace

napi_value Port::takeBytes() {
  return batch_ ? arrayBufferOf(env_, batch_->bytes) : nullptr;
}

napi_value Port::takeOwnBuffer(std::uint32_t index) {
  return batch_ && index < batch_->own.size() ? arrayBufferOf(env_, batch_->own[index]) : nullptr;
}

void Port::setOut(double value) {
  *out_ = value;
}

bool Port::growColumns(std::size_t words, std::size_t numbers) {
  return (words <= words_.capacity ||
          replaceColumn(words_, std::max(words, 2 * words_.capacity), napi_uint32_array, "words")) &&
         (numbers <= numbers_.capacity ||
          replaceColumn(numbers_, std::max(numbers, 2 * numbers_.capacity), napi_float64_array, "numbers"));
}

template <typename T>
bool Port::replaceColumn(Column<T>& column, std::size_t capacity, napi_typedarray_type type, const char* name) {
  napi_value columns = nullptr;
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  void* data = nullptr;
  if (napi_get_reference_value(env_, columns_, &columns) != napi_ok ||
      napi_create_arraybuffer(env_, capacity * sizeof(T), &data, &buffer) != napi_ok ||
      napi_create_typedarray(env_, type, capacity, buffer, 0, &array) != napi_ok ||
      napi_set_named_property(env_, columns, name, array) != napi_ok) {
    return false;
  }
  // The memory is V8's and stays where it is while the object holds the array; nobody else gets it to detach it.
  column.data = static_cast<T*>(data);
  column.capacity = capacity;
  return true;
}

}  // namespace rtm::binding
