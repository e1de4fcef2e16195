"""Training of decoders on features in HDF5."""
