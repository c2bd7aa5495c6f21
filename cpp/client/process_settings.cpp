#include "client/process_settings.hpp"

#include <mutex>
#include <utility>

namespace rtm::client {

namespace {

/// Settings that exist before, and without, the Process.
struct ProcessSettings {
  std::mutex mutex;
  std::uint32_t areas = ~std::uint32_t{0};
  std::string extraCas;
  LogSink observer;
  std::size_t clients = 0;
};

ProcessSettings& processSettings() {
  static ProcessSettings* const kept = new ProcessSettings;  // never destroyed: threads may ask until the process ends
  return *kept;
}

}  // namespace

void setExtraCertificateAuthorities(std::string pem) {
  const std::lock_guard lock(processSettings().mutex);
  processSettings().extraCas = std::move(pem);
}

std::string extraCertificateAuthorities() {
  const std::lock_guard lock(processSettings().mutex);
  return processSettings().extraCas;
}

void setLogObserver(LogSink sink) {
  const std::lock_guard lock(processSettings().mutex);
  processSettings().observer = std::move(sink);
}

LogSink logObserver() {
  const std::lock_guard lock(processSettings().mutex);
  return processSettings().observer;
}

bool setAreaMask(std::uint32_t areas) {
  const std::lock_guard lock(processSettings().mutex);
  if (processSettings().clients != 0) return false;
  processSettings().areas = areas;
  return true;
}

std::uint32_t areaMask() {
  const std::lock_guard lock(processSettings().mutex);
  return processSettings().areas;
}

void clientBegins() {
  const std::lock_guard lock(processSettings().mutex);
  ++processSettings().clients;
}

void clientEnds() {
  const std::lock_guard lock(processSettings().mutex);
  --processSettings().clients;
}

}  // namespace rtm::client
