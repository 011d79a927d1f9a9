"""Models in the manner of Keras' code examples, each after the architecture that its docstring names."""

from benchmarks.models.examples.habits import (
    added_loss,
    averaged_heads,
    mobilevit,
    own_train_step,
    siamese_halves,
    squeeze_and_excitation,
    student,
    subclassed,
    supervised_contrastive,
    two_inputs,
    two_outputs,
    u_net,
)
from benchmarks.models.examples.images import (
    cct,
    convmixer,
    eanet,
    efficientnet_fine_tuned,
    fnet,
    from_scratch,
    gmlp,
    involution,
    mlp_mixer,
    mnist_convnet,
    perceiver,
    swin,
    vit,
)
from benchmarks.models.examples.rows import (
    bidirectional_lstm,
    deep_and_cross,
    gated_residual,
    structured_data,
    tab_transformer,
    text_from_scratch,
    timeseries_conv,
    timeseries_transformer,
    transformer_of_text,
    wide_and_deep,
)

TEXT = (transformer_of_text, bidirectional_lstm, text_from_scratch)
ROWS = (structured_data, gated_residual, wide_and_deep, deep_and_cross, tab_transformer, timeseries_conv, timeseries_transformer)
IMAGES = (
    mnist_convnet, from_scratch, vit, mlp_mixer, fnet, gmlp, convmixer, cct, eanet, swin, perceiver, involution, efficientnet_fine_tuned,
    supervised_contrastive, student, squeeze_and_excitation, u_net, siamese_halves, averaged_heads, mobilevit, subclassed, own_train_step,
    added_loss, two_inputs, two_outputs)
