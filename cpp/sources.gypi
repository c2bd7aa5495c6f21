{
  "variables": {
    "base_sources": [],
    "wire_sources": [],
    "net_sources": [],
    "client_sources": [],
    "server_sources": [],
    "binding_sources": []
  }
}
