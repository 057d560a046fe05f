"""One folder a domain, the same few file names in each; docs/architecture.md says who may import whom."""
