// The object behind IAgoraService.h. It has no state: each service is made as every other program makes it.
#include "IAgoraService.h"

namespace {

constexpr int kNotSupported = -4;

class Service final : public agora::base::IAgoraService {
 public:
  void release() override { delete this; }
  int initialize(const agora::base::AgoraServiceContext& /*context*/) override { return 0; }
  const char* getVersion(int* build) override { return getAgoraSdkVersion(build); }
  agora::rtc::IRtcEngine* createRtcEngine() override { return nullptr; }
  agora::rtm::IRtmService* createRtmService() override { return agora::rtm::createRtmService(); }
};

}  // namespace

const char* AGORA_CALL getAgoraSdkVersion(int* build) {
  if (build != nullptr) *build = 0;
  return agora::rtm::getRtmSdkVersion();
}

const char* AGORA_CALL getAgoraSdkErrorDescription(int err) {
  switch (err) {
    case 0:
      return "ok";
    case kNotSupported:
    case -kNotSupported:
      return "not supported: this library is for messages alone";
    default:
      return "not an error of this library, which has 0 and -4; results of services are in IAgoraRtmService.h";
  }
}

agora::base::IAgoraService* AGORA_CALL createAgoraService() {
  return new Service;
}

int AGORA_CALL setAgoraSdkExternalSymbolLoader(void* (* /*func*/)(const char* symname)) {
  return kNotSupported;
}
