"""Models as people build them: does dlbench train each, as it was built?"""
