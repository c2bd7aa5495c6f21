{
  "variables": {
    "base_sources": [],
    "wire_sources": ["cpp/wire/codec.cpp", "cpp/wire/frame.cpp"],
    "net_sources": [],
    "client_sources": [],
    "server_sources": [],
    "binding_sources": []
  }
}
