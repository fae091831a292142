"""Files that are whole or not there: ``files`` writes them, ``lock`` guards them, ``tensor_file`` proves that they are whole."""
